"""docs/guides/installing.md names each option of the build, each component, and no other.

usage: installing.py SOURCE_FOLDER
"""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
page = (source / "docs" / "guides" / "installing.md").read_text(encoding="utf-8")
cmake = source / "cmake"

settings = (cmake / "RecountOptions.cmake").read_text(encoding="utf-8")
options = set(re.findall(r"^(?:option|\s*find_program)\((RECOUNT_\w+)", settings, re.M))
table = set(re.findall(r"^\| `(RECOUNT_\w+)` \|", page, re.M))
assert len(options) > 5, options
assert options == table, f"the build has {options - table}, the page {table - options}"

package = (cmake / "recountConfig.cmake.in").read_text(encoding="utf-8")
components = re.search(r"set\(recount_components_known (.*)\)", package)[1].split()
listed = re.findall(r"^\| `recount::(\w+)` \|", page, re.M)
assert components == listed, (components, listed)
for name in components:
    assert f"`recount-{name}`" in page, name
print("the page names what the build has")
