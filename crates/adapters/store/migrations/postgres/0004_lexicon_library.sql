-- The operator's lexicons: entries, proposals of changes, versions, categories, hits, false positives, trials beside the list in
-- force. An entry is in a version where its proposal made that version or an earlier one, and no proposal that retired it did.

CREATE TABLE lexicon_proposal (
    proposal_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    reasons TEXT COLLATE "C" NOT NULL,
    decision_id TEXT COLLATE "C",
    target_version BIGINT,
    base_version BIGINT NOT NULL,
    content_hash BYTEA NOT NULL,
    added BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    retired BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_by TEXT COLLATE "C",
    decided_at BIGINT,
    decided_because TEXT COLLATE "C",
    version BIGINT UNIQUE
);
CREATE INDEX lexicon_proposal_state ON lexicon_proposal (state, proposal_id);
CREATE UNIQUE INDEX lexicon_proposal_waiting ON lexicon_proposal (content_hash) WHERE state = 'proposed';

CREATE TABLE lexicon_entry (
    entry_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    proposal_id TEXT COLLATE "C" NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    normalised TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    audiences TEXT COLLATE "C" NOT NULL,
    valid_from TEXT COLLATE "C",
    valid_until TEXT COLLATE "C",
    note TEXT COLLATE "C" NOT NULL
);
CREATE INDEX lexicon_entry_normalised ON lexicon_entry (normalised, entry_id);
CREATE INDEX lexicon_entry_proposal ON lexicon_entry (proposal_id, normalised, entry_id);

CREATE TABLE lexicon_retirement (
    entry_id TEXT COLLATE "C" NOT NULL,
    proposal_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (entry_id, proposal_id)
);
CREATE INDEX lexicon_retirement_proposal ON lexicon_retirement (proposal_id, entry_id);

CREATE TABLE lexicon_version (
    number BIGINT NOT NULL PRIMARY KEY,
    content_hash BYTEA NOT NULL,
    proposal_id TEXT COLLATE "C" NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    entries BIGINT NOT NULL,
    allowed_phrases BIGINT NOT NULL
);

CREATE TABLE lexicon_category (
    category TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    risks TEXT COLLATE "C" NOT NULL,
    set_by TEXT COLLATE "C" NOT NULL,
    set_at BIGINT NOT NULL
);

CREATE TABLE lexicon_hit (
    day TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    measure TEXT COLLATE "C" NOT NULL,
    hits BIGINT NOT NULL,
    PRIMARY KEY (day, rule, category, direction, measure)
);

CREATE TABLE lexicon_false_positive (
    item_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    decision_id TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    normalised TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    proposal_id TEXT COLLATE "C",
    closed_by TEXT COLLATE "C",
    closed_at BIGINT,
    closed_because TEXT COLLATE "C",
    UNIQUE (decision_id, rule, normalised)
);
CREATE INDEX lexicon_false_positive_state ON lexicon_false_positive (state, item_id);

CREATE TABLE lexicon_shadow (
    shadow_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    proposal_id TEXT COLLATE "C",
    version BIGINT,
    permille BIGINT NOT NULL,
    started_by TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    stopped_by TEXT COLLATE "C",
    stopped_at BIGINT,
    running BIGINT UNIQUE,
    texts BIGINT NOT NULL,
    skipped BIGINT NOT NULL
);

CREATE TABLE lexicon_shadow_count (
    shadow_id TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    change TEXT COLLATE "C" NOT NULL,
    texts BIGINT NOT NULL,
    PRIMARY KEY (shadow_id, rule, category, direction, change)
);
