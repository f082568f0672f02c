"""A program in docs/examples prints what its guide says. (That it is the one shown: tools/docs.)
A guide that says it in parts says all of it, in order.

usage: example.py PROGRAM GUIDE.md
"""
import re
import subprocess
import sys

PROGRAM, GUIDE = sys.argv[1:]
guide = open(GUIDE, encoding="utf-8").read()

promised = "".join(re.findall(r"^It prints\n\n```\n(.*?)^```$", guide, re.M | re.S))
assert promised, f"{GUIDE} does not say what the program prints"
done = subprocess.run([PROGRAM], capture_output=True, text=True, timeout=60, check=False)
assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
assert done.stdout == promised, f"printed:\n{done.stdout}promised:\n{promised}"
print("the program prints what the guide says")
