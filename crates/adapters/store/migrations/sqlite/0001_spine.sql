-- The tables of the first version. Ids are ULID texts, times are microseconds since 1970, booleans are 0 or 1.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE application_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    end_user TEXT NOT NULL,
    placement TEXT NOT NULL,
    envelope TEXT NOT NULL,
    owner_subject_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE subject (
    subject_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    subject_index BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    level TEXT NOT NULL,
    level_method TEXT,
    level_at INTEGER,
    agreement_hash BLOB,
    agreement_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE generation (
    produce_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    key_id TEXT,
    subject_id TEXT NOT NULL,
    route TEXT NOT NULL,
    model TEXT NOT NULL,
    streamed INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    begun_entry_id TEXT NOT NULL,
    ended_at INTEGER,
    ended_entry_id TEXT,
    end_reason TEXT,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    label TEXT,
    fingerprint BLOB
) STRICT;
CREATE INDEX generation_fingerprint ON generation (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX generation_open ON generation (begun_at, produce_id) WHERE ended_at IS NULL;
CREATE INDEX generation_subject ON generation (subject_id, produce_id);

CREATE TABLE ledger_entry (
    entry_id TEXT NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    time INTEGER NOT NULL,
    tenant_id TEXT NOT NULL,
    subject_id TEXT,
    produce_id TEXT,
    about TEXT,
    bytes TEXT NOT NULL,
    nonce BLOB,
    payload BLOB,
    log_index INTEGER
) STRICT;
CREATE UNIQUE INDEX ledger_entry_log_index ON ledger_entry (log_index) WHERE log_index IS NOT NULL;
CREATE INDEX ledger_entry_pending ON ledger_entry (entry_id) WHERE log_index IS NULL;
CREATE INDEX ledger_entry_produce ON ledger_entry (produce_id) WHERE produce_id IS NOT NULL;
CREATE INDEX ledger_entry_about ON ledger_entry (about) WHERE about IS NOT NULL;

CREATE TABLE log_state (
    log_name TEXT NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    state BLOB NOT NULL,
    checkpoint TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE log_lease (
    log_name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until_at INTEGER NOT NULL
) STRICT;

CREATE TABLE decision (
    decision_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    produce_id TEXT,
    key_id TEXT,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    category TEXT NOT NULL,
    direction TEXT NOT NULL,
    statement TEXT NOT NULL,
    sealed BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    automated INTEGER NOT NULL,
    decided_by TEXT,
    state TEXT NOT NULL,
    overturned_at INTEGER,
    overturned_case_id TEXT,
    appeal_token_hash BLOB NOT NULL UNIQUE,
    strike INTEGER NOT NULL,
    prompt_fingerprint BLOB,
    entry_id TEXT NOT NULL
) STRICT;
CREATE INDEX decision_subject ON decision (subject_id, made_at);
CREATE INDEX decision_produce ON decision (produce_id) WHERE produce_id IS NOT NULL;

CREATE TABLE prompt_pass (
    subject_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    decision_id TEXT NOT NULL REFERENCES decision (decision_id) DEFERRABLE INITIALLY DEFERRED,
    granted_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (subject_id, fingerprint, decision_id)
) STRICT;
CREATE INDEX prompt_pass_unused ON prompt_pass (granted_at) WHERE used_at IS NULL;

CREATE TABLE penalty (
    penalty_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    decision_id TEXT NOT NULL REFERENCES decision (decision_id) DEFERRABLE INITIALLY DEFERRED,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER,
    lifted_at INTEGER,
    lifted_case_id TEXT
) STRICT;
CREATE INDEX penalty_subject ON penalty (subject_id);
CREATE INDEX penalty_standing ON penalty (penalty_id) WHERE lifted_at IS NULL;

CREATE TABLE case_record (
    case_id TEXT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    decision_id TEXT REFERENCES decision (decision_id) DEFERRABLE INITIALLY DEFERRED,
    produce_id TEXT,
    subject_id TEXT,
    opened_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    due_provisional INTEGER NOT NULL,
    limit_id TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    locale TEXT NOT NULL,
    sealed BLOB NOT NULL,
    reviewer_id TEXT,
    outcome TEXT,
    reasons_sealed BLOB,
    decided_at INTEGER,
    decided_by TEXT,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX case_record_due ON case_record (state, due_at);
CREATE INDEX case_record_decision ON case_record (decision_id) WHERE decision_id IS NOT NULL;

CREATE TABLE case_event (
    case_id TEXT NOT NULL REFERENCES case_record (case_id) DEFERRABLE INITIALLY DEFERRED,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor_role TEXT NOT NULL,
    actor_id TEXT,
    what TEXT NOT NULL,
    PRIMARY KEY (case_id, seq)
) STRICT;

CREATE TABLE operator (
    operator_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE invitation (
    token_hash BLOB NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    operator_id TEXT
) STRICT;

CREATE TABLE session (
    token_hash BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    operator_id TEXT,
    subject_id TEXT,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE task (
    task_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    dedup_key TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    resolved_at INTEGER,
    resolved_by TEXT
) STRICT;
CREATE INDEX task_open ON task (created_at) WHERE resolved_at IS NULL;
