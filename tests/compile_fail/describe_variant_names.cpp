// expect: recount: two alternatives of a variant have the same name
#include <recount/describe/macros.hpp>

namespace card {
struct payment {
    std::string number;
};
RECOUNT_DESCRIBE(payment, number)
}  // namespace card
#ifdef RECOUNT_EXPECT_FAILURE
namespace cash {
struct payment {
    std::string till;
};
RECOUNT_DESCRIBE(payment, till)
}  // namespace cash
using paid_by = std::variant<card::payment, cash::payment>;
#else
struct cash_payment {
    std::string till;
};
RECOUNT_DESCRIBE(cash_payment, till)
using paid_by = std::variant<card::payment, cash_payment>;
#endif

auto const& described = recount::describe::descriptor_of<paid_by>();
