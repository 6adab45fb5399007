"""What the checks find, counted by check and rule."""
from collections import namedtuple

AGREE, EXPLAINED, DIFFERENT = 'agree', 'explained', 'DIFFERENT'
Finding = namedtuple('Finding', 'check outcome rule where detail')


class Tally:
    """Counts findings, and keeps an example of each class and every difference that no rule explains."""

    def __init__(self):
        self.counts = {}
        self.examples = {}
        self.differences = []

    def add(self, check, outcome, rule='', where='', detail=''):
        """One finding."""
        key = (check, outcome, rule)
        self.counts[key] = self.counts.get(key, 0) + 1
        self.examples.setdefault(key, where)
        if outcome == DIFFERENT:
            self.differences.append(Finding(check, outcome, rule, where, detail))

    def merge(self, other):
        """Takes in the tally of another capture."""
        for key, count in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + count
            self.examples.setdefault(key, other.examples[key])
        self.differences += other.differences

    def number(self, check, outcome, prefix=''):
        """How many findings of a check have an outcome, with all rules or those that begin so."""
        return sum(count for (name, result, rule), count in self.counts.items()
                   if (name, result) == (check, outcome) and rule.startswith(prefix))

    def table(self):
        """The lines of the table."""
        yield '%-22s %-10s %8s  %-60s %s' % ('check', 'outcome', 'count', 'rule', 'example')
        for key in sorted(self.counts):
            check, outcome, rule = key
            yield '%-22s %-10s %8d  %-60s %s' % (check, outcome, self.counts[key], rule, self.examples[key])
