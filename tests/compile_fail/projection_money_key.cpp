// expect: recount: the row price_row needs at least one key field, of kinds that sort
#include <recount/projection/projection.hpp>

struct price_row {
    std::string article;
    recount::money price;
};
#ifdef RECOUNT_EXPECT_FAILURE
RECOUNT_ROW(price_row, 1, recount::key<&price_row::price>, article, price)
#else
RECOUNT_ROW(price_row, 1, recount::key<&price_row::article>, article, price)
#endif
