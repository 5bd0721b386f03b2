-- The operator's lexicons: entries, proposals of changes, versions, categories, hits, false positives, trials beside the list in
-- force. An entry is in a version where its proposal made that version or an earlier one, and no proposal that retired it did.

CREATE TABLE lexicon_proposal (
    proposal_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    reasons TEXT NOT NULL,
    decision_id TEXT,
    target_version INTEGER,
    base_version INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    retired INTEGER NOT NULL,
    state TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    decided_because TEXT,
    version INTEGER UNIQUE
) STRICT;
CREATE INDEX lexicon_proposal_state ON lexicon_proposal (state, proposal_id);
CREATE UNIQUE INDEX lexicon_proposal_waiting ON lexicon_proposal (content_hash) WHERE state = 'proposed';

CREATE TABLE lexicon_entry (
    entry_id TEXT NOT NULL PRIMARY KEY,
    proposal_id TEXT NOT NULL,
    term TEXT NOT NULL,
    normalised TEXT NOT NULL,
    category TEXT NOT NULL,
    measure TEXT NOT NULL,
    direction TEXT NOT NULL,
    audiences TEXT NOT NULL,
    valid_from TEXT,
    valid_until TEXT,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX lexicon_entry_normalised ON lexicon_entry (normalised, entry_id);
CREATE INDEX lexicon_entry_proposal ON lexicon_entry (proposal_id, normalised, entry_id);

CREATE TABLE lexicon_retirement (
    entry_id TEXT NOT NULL,
    proposal_id TEXT NOT NULL,
    PRIMARY KEY (entry_id, proposal_id)
) STRICT;
CREATE INDEX lexicon_retirement_proposal ON lexicon_retirement (proposal_id, entry_id);

CREATE TABLE lexicon_version (
    number INTEGER NOT NULL PRIMARY KEY,
    content_hash BLOB NOT NULL,
    proposal_id TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    entries INTEGER NOT NULL,
    allowed_phrases INTEGER NOT NULL
) STRICT;

CREATE TABLE lexicon_category (
    category TEXT NOT NULL PRIMARY KEY,
    risks TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at INTEGER NOT NULL
) STRICT;

CREATE TABLE lexicon_hit (
    day TEXT NOT NULL,
    rule TEXT NOT NULL,
    category TEXT NOT NULL,
    direction TEXT NOT NULL,
    measure TEXT NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (day, rule, category, direction, measure)
) STRICT;

CREATE TABLE lexicon_false_positive (
    item_id TEXT NOT NULL PRIMARY KEY,
    decision_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    category TEXT NOT NULL,
    direction TEXT NOT NULL,
    normalised TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    proposal_id TEXT,
    closed_by TEXT,
    closed_at INTEGER,
    closed_because TEXT,
    UNIQUE (decision_id, rule, normalised)
) STRICT;
CREATE INDEX lexicon_false_positive_state ON lexicon_false_positive (state, item_id);

CREATE TABLE lexicon_shadow (
    shadow_id TEXT NOT NULL PRIMARY KEY,
    proposal_id TEXT,
    version INTEGER,
    permille INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    stopped_by TEXT,
    stopped_at INTEGER,
    running INTEGER UNIQUE,
    texts INTEGER NOT NULL,
    skipped INTEGER NOT NULL
) STRICT;

CREATE TABLE lexicon_shadow_count (
    shadow_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    category TEXT NOT NULL,
    direction TEXT NOT NULL,
    change TEXT NOT NULL,
    texts INTEGER NOT NULL,
    PRIMARY KEY (shadow_id, rule, category, direction, change)
) STRICT;
