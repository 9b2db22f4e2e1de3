"""Closed classes of English words, and which kinds of actor behave alike.

Open classes, titles and nouns, are data: ``ontology/titles.tsv``.
"""

from __future__ import annotations

ARTICLES = frozenset("the this that these those".split())
OWNERS = frozenset("his her its their our my your whose".split())
OPENERS = frozenset("a an some any both all each another then former ex".split()) | ARTICLES
"""Words before a noun phrase that are no part of what it names. Owners are: they say whose."""

HE = frozenset("he him his himself".split())
SHE = frozenset("she her hers herself".split())
IT = frozenset("it its itself".split())
THEY = frozenset("they them their theirs themselves".split())
I = frozenset("i me my mine myself".split())
WE = frozenset("we us our ours ourselves".split())
WHO = frozenset("who whose whom which that".split())
PRONOUNS = HE | SHE | IT | THEY | I | WE | WHO

POSSESSIVE = frozenset({"'s", "’s", "'", "’"})
AND = frozenset({"and", "or", "&", "nor"})
COMMA = frozenset({",", "(", ")", ";", "–", "—", "--", "-lrb-", "-rrb-"})
QUOTES = frozenset({'"', "“", "”", "''", "``", "«", "»"})
EDGES = QUOTES | {"-", ":", "*", ".", ","}
PREPOSITIONS = frozenset(
    "of for from to at in on with against near inside outside over under by as among between behind within since after "
    "during across who which that whose where into about including".split()
)
OWNING = frozenset({"of", "for", "from", "with", "at", "to"})
LOCATING = frozenset({"in", "at", "near", "from", "inside", "on", "across", "of"})
SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})

ETHNIC = frozenset({"ethnic", "predominantly", "mostly"})
AGAINST = frozenset((w, "-") for w in ("anti", "pro", "non", "ex", "post"))
BASED = frozenset(("-", w) for w in "based born backed style bound educated trained made allied".split())
WORLDWIDE = frozenset(
    "world international global foreign european african asian arab western regional gulf latin unknown".split()
)
"""Words that say a phrase is not about the story's own country."""

WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
BEFORE_MONTHS = frozenset("in last since by until of next this late early mid during from".split())

STATELESS = frozenset("critics critic others diplomats diplomat sources".split())
"""Nouns whose people, where nothing says whose they are, are not the story's country's."""

INSIDE = frozenset("in near across inside throughout".split())
QUARTERS = frozenset("the northern southern eastern western central".split())

HONORIFICS = frozenset({"mr", "mrs", "honorific"})
GENDERS = {"mr": "m", "mrs": "f"}
FORCES = frozenset("military army forces troops soldiers force armed".split())

OFFICE_OWNERS = {
    **dict.fromkeys(
        ("minister", "head_of_state", "head_of_government", "ministry", "parliament"), frozenset({"state"})
    ),
    "envoy": frozenset({"state", "igo"}),
}
"""Kinds of those who have what a title of some role names, where they are told by a pronoun."""
STATE_BODIES = frozenset(
    "army|navy|air force|armed forces|government|embassy|parliament|ambassador|consul|king|queen".split("|")
)
"""Titles that no other than a state gives, beside its ministers and ministries."""

STATE_LIKE = frozenset({"head_of_state", "envoy", "force"})
"""Roles that only a state among places gives; a company has its president too."""
STATE_KINDS = frozenset(
    "republic kingdom federation emirate sultanate principality confederation duchy".split()
)

OWNED = frozenset({"person", "government_body", "armed_force"})
"""Kinds of actor that speak for a state or organisation."""
OFFICE = frozenset({"GOV", "MIL", "LEG", "JUD", "COP", "SPY"})
"""Sectors whose people speak for their state."""
PRIVATE = frozenset(
    {"OPP", "MED", "PTY", "ELI", "LEG", "CVL", "CRM", "BUS", "EDU", "LAB", "REF", "NGO", "REB", "UNK"}
)
"""Sectors whose people are of a state without speaking for it: of 107 on records-train 4 do."""
LOCAL = frozenset({"CVL", "COP", "REF", "CRM", "JUD"})
"""Sectors whose people are of the place where a story happens."""
ABROAD = frozenset({"NGO", "IGO", "BUS", "REB"})
"""Sectors whose people need not be of the story's country."""
GROUPS = frozenset({"armed_group", "media", "party", "ngo", "company", "igo"})
PARTIES = frozenset({"state", "armed_group", "party", "igo", "ngo"})
GENERIC = {
    "ngo": frozenset({"ngo", "armed_group", "party", "igo"}),
    "media": frozenset({"media"}),
    "company": frozenset({"company"}),
    "party": frozenset({"party"}),
    "igo": frozenset({"igo"}),
    "armed_group": frozenset({"armed_group", "party"}),
    "armed_force": frozenset({"armed_force"}),
}
"""Which kinds of actor a noun without a name can point back at, by the kind of the noun."""
AGENCIES = frozenset({"igo", "ngo", "media", "government_body"})
"""What "the agency" can point back at."""
