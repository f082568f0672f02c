"""The pictures of docs/pictures, where a diagram of boxes and arrows (mermaid) would not do.

Plain SVG on a light ground of its own, so that it reads on a dark page too. Each has a title and a
description for those who do not see it.
"""
from html import escape

from .repository import Repository

INK, FAINT, GROUND = "#1f2933", "#52606d", "#ffffff"
ADA, BEN, CY = "#cfe3ff", "#ffe2b8", "#d7f0d2"       # a stream each
BELIEF = "#c0392b"


class Picture:
    def __init__(self, width: int, height: int, title: str, description: str):
        self.size = (width, height)
        self.parts = [f"<title>{escape(title)}</title>", f"<desc>{escape(description)}</desc>",
                      f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8" '
                      f'fill="{GROUND}" stroke="#d9dee5"/>']

    def text(self, x: float, y: float, words: str, size: int = 13, colour: str = INK,
             anchor: str = "middle", weight: str = "normal") -> None:
        self.parts.append(f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" '
                          f'text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>')

    def struck(self, x: float, y: float, words: str, size: int = 12, anchor: str = "start") -> None:
        self.parts.append(f'<text x="{x}" y="{y}" font-size="{size}" fill="{FAINT}" '
                          f'text-anchor="{anchor}" text-decoration="line-through">'
                          f'{escape(words)}</text>')

    def box(self, x: float, y: float, width: float, height: float, fill: str,
            stroke: str = INK) -> None:
        self.parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" '
                          f'fill="{fill}" stroke="{stroke}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = FAINT,
             dashed: bool = False, arrow: bool = False) -> None:
        extra = ' stroke-dasharray="4 4"' if dashed else ""
        extra += ' marker-end="url(#tip)"' if arrow else ""
        self.parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" '
                          f'stroke-width="1.4"{extra}/>')

    def dot(self, x: float, y: float, fill: str) -> None:
        self.parts.append(f'<circle cx="{x}" cy="{y}" r="7" fill="{fill}" stroke="{INK}"/>')

    def bracket(self, x1: float, x2: float, y: float, words: str) -> None:
        """Open to the top, with words below."""
        self.parts.append(f'<path d="M{x1} {y - 6} V{y} H{x2} V{y - 6}" fill="none" '
                          f'stroke="{FAINT}" stroke-width="1.4"/>')
        self.text((x1 + x2) / 2, y + 15, words, 11, FAINT)

    def svg(self) -> str:
        width, height = self.size
        body = "\n  ".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                f'width="{width}" height="{height}" role="img" '
                'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">\n'
                '  <!-- made by tools/docs; edit tools/docs_parts/pictures.py -->\n'
                '  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
                'markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" '
                f'fill="{FAINT}"/></marker></defs>\n  {body}\n</svg>\n')


# position: (stream, version, type)
HISTORY = [("ada", 1, "opened"), ("ada", 2, "deposited"), ("ben", 1, "opened"),
           ("ada", 3, "withdrawn"), ("ben", 2, "deposited"), ("ben", 3, "withdrawn"),
           ("ada", 4, "deposited")]
COLOUR = {"ada": ADA, "ben": BEN}
CELL, LEFT = 92, 118


def log() -> str:
    """One log, two streams, a commit to both."""
    p = Picture(LEFT + CELL * len(HISTORY) + 24, 328, "A log of seven events",
                "Seven events at positions 1 to 7, without a gap. Four belong to the stream "
                "account-ada, at versions 1 to 4, three to account-ben, at versions 1 to 3. "
                "Positions 4 and 5 are one commit to both streams.")
    p.text(LEFT - 14, 40, "position", 12, FAINT, "end")
    p.text(LEFT - 14, 84, "the log", 13, INK, "end", "bold")
    for position, (stream, version, kind) in enumerate(HISTORY, 1):
        x = LEFT + (position - 1) * CELL
        p.text(x + 42, 40, str(position), 13, INK, weight="bold")
        p.box(x, 54, 84, 48, COLOUR[stream])
        p.text(x + 42, 75, kind, 13)
        p.text(x + 42, 92, f"{stream}, version {version}", 10, FAINT)
    first = 1
    for last in (2, 3, 5, 6, 7):
        name = "one commit, two streams" if (first, last) == (4, 5) else "commit"
        p.bracket(LEFT + (first - 1) * CELL, LEFT + (last - 1) * CELL + 84, 114, name)
        first = last + 1
    for row, stream in enumerate(("ada", "ben")):
        y = 178 + row * 74
        p.text(LEFT - 14, y + 29, f"account-{stream}", 13, INK, "end", "bold")
        p.line(LEFT, y + 24, LEFT + CELL * len(HISTORY) - 8, y + 24)
        for position, (of, version, kind) in enumerate(HISTORY, 1):
            if of != stream:
                continue
            x = LEFT + (position - 1) * CELL
            p.box(x + 8, y, 68, 48, COLOUR[stream])
            p.text(x + 42, y + 20, str(version), 13, INK, weight="bold")
            p.text(x + 42, y + 37, kind, 11)
    p.text(24, 314, "A stream holds the events of one aggregate. A reader's checkpoint is one "
           "position: all up to it was seen.", 11, FAINT, "start")
    return p.svg()


def two_times() -> str:
    """Position to the right, effective time upwards."""
    p = Picture(640, 380, "Two times",
                "Four events by the position at which they were recorded, to the right, and the "
                "day on which they happened, upwards. The third was recorded after the second, but "
                "happened before it. A vertical line at position 2 is what the log knew then; a "
                "horizontal line is what had happened by a day.")
    x0, y0 = 118, 300
    p.line(x0, y0, 600, y0, INK, arrow=True)
    p.line(x0, y0, x0, 40, INK, arrow=True)
    p.text(600, y0 + 42, "position: when the log learnt of it", 12, INK, "end")
    p.text(24, 28, "effective: when it happened", 12, INK, "start")
    days = {"9 Jan": 240, "10 Jan": 180, "12 Jan": 110}
    for day, y in days.items():
        p.text(x0 - 12, y + 4, day, 12, FAINT, "end")
        p.line(x0, y, 580, y, "#e4e7eb")
    events = [(1, "9 Jan", "deposited"), (2, "12 Jan", "withdrawn"), (3, "10 Jan", "deposited"),
              (4, "12 Jan", "fee_charged")]
    for position, day, kind in events:
        x = x0 + position * 100
        p.text(x, y0 + 20, str(position), 12, FAINT)
        p.dot(x, days[day], BELIEF if position == 3 else ADA)
        p.text(x, days[day] - 14, kind, 12)
    p.line(x0 + 250, y0, x0 + 250, 60, FAINT, dashed=True)
    p.text(x0 + 244, 74, "known at position 2", 11, FAINT, "end")
    p.line(x0, 145, 580, 145, FAINT, dashed=True)
    p.text(x0 + 8, 140, "happened by 11 January", 11, FAINT, "start")
    p.text(24, 364, "Position 3 came late: it happened before position 2. A reader of the log gets "
           "it third, for ever.", 11, FAINT, "start")
    return p.svg()


# The golden example: the slots of account A as believed at a knowledge position, each with what a
# correction changed. "-" is excluded, ">" is gone to account B, "+" is inserted, "=" is replaced.
GOLDEN = [(6, "as recorded", [("e1", ""), ("e2", "+100"), ("e3", "+100"), ("e4", "-50"),
                              ("e6", "+30")], 180),
          (7, "exclude e3; move e6 to B", [("e1", ""), ("e2", "+100"), ("e3", "-"), ("e4", "-50"),
                                           ("e6", ">")], 50),
          (8, "replace e4", [("e1", ""), ("e2", "+100"), ("e3", "-"), ("e4", "=-5"),
                             ("e6", ">")], 95),
          (9, "insert x1 after e2", [("e1", ""), ("e2", "+100"), ("x1", "++20"), ("e3", "-"),
                                     ("e4", "-5"), ("e6", ">")], 115),
          (10, "reinstate e3", [("e1", ""), ("e2", "+100"), ("x1", "+20"), ("e3", "=+100"),
                                ("e4", "-5"), ("e6", ">")], 215)]


def correcting() -> str:
    """The account of the golden example, read after each of its corrections."""
    p = Picture(760, 372, "One account, corrected four times",
                "The slots of account A in the order of reading, as believed after entries 6 to "
                "10. Entry 7 excludes e3 and moves e6 to account B, 8 replaces e4, 9 inserts x1 "
                "after e2, 10 reinstates e3. Balances: 180, 50, 95, 115, 215.")
    columns = {"e1": 0, "e2": 1, "x1": 2, "e3": 3, "e4": 4, "e6": 5}
    p.text(24, 32, "entry", 12, FAINT, "start")
    p.text(236, 32, "account A, in the order of reading", 12, FAINT, "start")
    p.text(736, 32, "balance", 12, FAINT, "end")
    for row, (entry, what, slots, balance) in enumerate(GOLDEN):
        y = 48 + row * 58
        p.text(24, y + 27, str(entry), 13, INK, "start", "bold")
        p.text(54, y + 27, what, 12, INK, "start")
        for name, state in slots:
            x = 236 + columns[name] * 72
            away = state in ("-", ">")
            changed = state[:1] == "=" or state[:2] == "++"
            p.box(x, y, 64, 44, GROUND if away else CY if changed else ADA,
                  "#b8c2cc" if away else INK)
            said = {"-": "excluded", ">": "in B"}.get(state, state.lstrip("=").replace("++", "+"))
            p.text(x + 32, y + 19, name, 13, FAINT if away else INK, weight="bold")
            p.text(x + 32, y + 35, said.replace("-", "\u2212") or "opened", 11,
                   FAINT if away else INK)
        p.text(736, y + 27, str(balance), 14, INK, "end", "bold")
    p.box(24, 346, 12, 12, CY)
    p.text(42, 356, "put there by the entry. Every line can still be read: what was believed after "
           "entry 6 is believed after entry 6, for ever.", 11, FAINT, "start")
    return p.svg()


# Ada's December in docs/guides/corrections.md: day, amount, the running balance. In the second list
# a mark goes first: "-" is excluded, ">" came from another account, "=" replaced, "+" inserted.
RECORDED = [("3 Dec", "+700.00", "700.00"), ("10 Dec", "-100.00", "600.00"),
            ("22 Dec", "+93.00", "693.00"), ("31 Dec", "-14.60", "678.40"),
            ("3 Dec", "+700.00", "1378.40"), ("10 Dec", "-100.00", "1278.40"),
            ("22 Dec", "+93.00", "1371.40"), ("31 Dec", "-14.60", "1356.80")]
TOLD = [("", "3 Dec", "+700.00", "700.00", ""), ("", "10 Dec", "-100.00", "600.00", ""),
        (">", "20 Dec", "+250.00", "850.00", "moved here from ben"),
        ("=", "22 Dec", "+39.00", "889.00", "replaced; was +93.00"),
        ("+", "30 Dec", "+50.00", "939.00", "inserted"),
        ("", "31 Dec", "-14.60", "924.40", ""), ("-", "3 Dec", "+700.00", "", "excluded"),
        ("-", "10 Dec", "-100.00", "", "excluded"), ("-", "22 Dec", "+93.00", "", "excluded"),
        ("-", "31 Dec", "-14.60", "", "excluded")]
MARKED = {"": (GROUND, ""), "-": ("#f3f4f6", "\u2212"), ">": (BEN, "\u2192"), "=": (CY, "~"),
          "+": (CY, "+")}


def corrected_account() -> str:
    """A statement as it was recorded, and the same account as it is told after four corrections."""
    p = Picture(760, 372, "An account, as recorded and as it is told now",
                "Left, eight lines as they were recorded: four of December, and the same four "
                "again, with a balance of 1356.80. Right, the same account after four corrections: "
                "a deposit moved here from ben, an amount replaced, a deposit inserted before the "
                "fee of 31 December, and the second four excluded, which are shown struck. The "
                "balance is 924.40.")

    def minus(text: str) -> str:
        return text.replace("-", "\u2212")

    def titles(x: float, words: str) -> None:
        p.text(x + 22, 32, words, 13, INK, "start", "bold")
        p.text(x + 158, 52, "amount", 11, FAINT, "end")
        p.text(x + 238, 52, "balance", 11, FAINT, "end")

    titles(12, "account-ada, as recorded")
    for row, (day, amount, balance) in enumerate(RECORDED):
        y = 60 + row * 27
        p.box(30, y, 232, 23, GROUND, "#e4e7eb")
        p.text(40, y + 16, day, 12, INK, "start")
        p.text(170, y + 16, minus(amount), 12, INK, "end")
        p.text(250, y + 16, balance, 12, INK, "end", "bold" if row == 7 else "normal")
    titles(312, "account-ada, as it is told now")
    for row, (mark, day, amount, balance, why) in enumerate(TOLD):
        y = 60 + row * 27
        fill, sign = MARKED[mark]
        p.box(330, y, 232, 23, fill, "#b8c2cc" if mark else "#e4e7eb")
        p.text(318, y + 16, sign, 14, INK, "middle", "bold")
        if mark == "-":
            p.struck(340, y + 16, day)
            p.struck(470, y + 16, minus(amount), anchor="end")
        else:
            p.text(340, y + 16, day, 12, INK, "start")
            p.text(470, y + 16, minus(amount), 12, INK, "end")
        p.text(550, y + 16, balance, 12, INK, "end", "bold" if row == 5 else "normal")
        p.text(574, y + 16, minus(why), 11, FAINT, "start")
    p.text(24, 356, "Both can be read for ever: the left as known at the position where it ended, "
           "the right as known now. No event was changed.", 11, FAINT, "start")
    return p.svg()


def run(repository: Repository) -> None:
    repository.keep("docs/pictures/corrected-account.svg", corrected_account())
    repository.keep("docs/pictures/correcting-history.svg", correcting())
    repository.keep("docs/pictures/log.svg", log())
    repository.keep("docs/pictures/two-times.svg", two_times())
