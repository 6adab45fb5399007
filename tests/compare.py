"""Compares two dumps: python3 compare.py BEFORE AFTER. Prints each segment and connection of which something else is said,
then how often each field differs. A field that only one of the builds has at all is counted and no difference."""
import collections
import re
import sys

FIELD = re.compile(r" (?=(?:[a-z_]+\.)*[a-z_]+=)")


def read(path):
    """{(capture, case, place): {field: value}}, in order."""
    lines, capture, case, seen = {}, "", "", collections.Counter()
    with open(path, encoding="utf-8", errors="replace") as dump:
        for line in dump.read().split("\n"):
            if line.startswith("== "):
                capture, case = line[3:], ""
            elif line.startswith("-- "):
                case = line[3:]
                seen[capture, case] += 1
                if seen[capture, case] > 1:
                    case += f" ({seen[capture, case]})"
            elif line:
                place, _, said = line.partition(" ")
                label, *fields = FIELD.split(" " + said if "=" in said.split(" ")[0] else said)
                values = dict(field.split("=", 1) for field in fields)
                if label.strip():
                    values["label"] = label
                lines[capture, case, place] = values
    return lines


def main(before_path, after_path):
    before, after = read(before_path), read(after_path)
    known = [{name for values in dump.values() for name in values} for dump in (before, after)]
    alone = collections.Counter()
    fields, captures, count, shown = collections.Counter(), set(), 0, None
    for key in list(before) + [key for key in after if key not in before]:
        old, new = before.get(key, {}), after.get(key, {})
        if old == new:
            continue
        differing = [name for name in list(old) + [name for name in new if name not in old] if old.get(name) != new.get(name)]
        for name in differing:
            if name not in known[0] or name not in known[1]:
                alone[name] += 1
        differing = [name for name in differing if name in known[0] and name in known[1]]
        if not differing:
            continue
        count += 1
        captures.add(key[0])
        fields.update(differing)
        if shown != key[:2]:
            shown = key[:2]
            print(f"{key[0]}{': ' + key[1] if key[1] else ''}")
        changes = ", ".join(f"{name}: {old.get(name, '-')} -> {new.get(name, '-')}" for name in differing if name != "label")
        label = old.get("label", "-")
        if "label" in differing:
            label += f" -> {new.get('label', '-')}"
        print(f"  {key[2]} {label}" + (f" ({changes})" if changes else ""))
    for name, number in alone.most_common():
        print(f"{'only after' if name not in known[0] else 'only before'}: {name}, {number} times")
    for name, number in fields.most_common():
        print(f"{name} differs {number} times")
    print(f"{len(after)} segments and connections, {count} differ, in {len(captures)} captures and scripts")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
