"""A program in docs/examples does what its guide says, and stands in the guide as it is compiled.

usage: example.py PROGRAM SOURCE.cpp GUIDE.md
"""
import re
import subprocess
import sys

PROGRAM, SOURCE, GUIDE = sys.argv[1:]
source = open(SOURCE, encoding="utf-8").read()
guide = open(GUIDE, encoding="utf-8").read()

shown = re.findall(r"^```cpp\n(.*?)^```$", guide, re.M | re.S)
assert source in shown, f"{GUIDE} does not show {SOURCE} as it is"
promised = re.search(r"^It prints\n\n```\n(.*?)^```$", guide, re.M | re.S)
assert promised, f"{GUIDE} does not say what the program prints"
done = subprocess.run([PROGRAM], capture_output=True, text=True, timeout=60, check=False)
assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
assert done.stdout == promised[1], f"printed:\n{done.stdout}promised:\n{promised[1]}"
print("the guide shows the program, and what it prints")
