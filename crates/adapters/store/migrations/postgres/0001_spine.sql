-- The tables of the first version. Ids are ULID texts, times are microseconds since 1970, booleans are 0 or 1.

CREATE TABLE meta (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE application_key (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    prefix TEXT COLLATE "C" NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    end_user TEXT COLLATE "C" NOT NULL,
    placement TEXT COLLATE "C" NOT NULL,
    envelope TEXT COLLATE "C" NOT NULL,
    owner_subject_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE subject (
    subject_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id TEXT COLLATE "C" NOT NULL,
    subject_index BYTEA NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL,
    level TEXT COLLATE "C" NOT NULL,
    level_method TEXT COLLATE "C",
    level_at BIGINT,
    agreement_hash BYTEA,
    agreement_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE generation (
    produce_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C",
    subject_id TEXT COLLATE "C" NOT NULL,
    route TEXT COLLATE "C" NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    streamed BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    begun_entry_id TEXT COLLATE "C" NOT NULL,
    ended_at BIGINT,
    ended_entry_id TEXT COLLATE "C",
    end_reason TEXT COLLATE "C",
    prompt_tokens BIGINT,
    completion_tokens BIGINT,
    label TEXT COLLATE "C",
    fingerprint BYTEA
);
CREATE INDEX generation_fingerprint ON generation (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX generation_open ON generation (begun_at, produce_id) WHERE ended_at IS NULL;
CREATE INDEX generation_subject ON generation (subject_id, produce_id);

CREATE TABLE ledger_entry (
    entry_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    event TEXT COLLATE "C" NOT NULL,
    time BIGINT NOT NULL,
    tenant_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C",
    produce_id TEXT COLLATE "C",
    about TEXT COLLATE "C",
    bytes TEXT COLLATE "C" NOT NULL,
    nonce BYTEA,
    payload BYTEA,
    log_index BIGINT
);
CREATE UNIQUE INDEX ledger_entry_log_index ON ledger_entry (log_index) WHERE log_index IS NOT NULL;
CREATE INDEX ledger_entry_pending ON ledger_entry (entry_id) WHERE log_index IS NULL;
CREATE INDEX ledger_entry_produce ON ledger_entry (produce_id) WHERE produce_id IS NOT NULL;
CREATE INDEX ledger_entry_about ON ledger_entry (about) WHERE about IS NOT NULL;

CREATE TABLE log_state (
    log_name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    state BYTEA NOT NULL,
    checkpoint TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE log_lease (
    log_name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    until_at BIGINT NOT NULL
);

CREATE TABLE decision (
    decision_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    produce_id TEXT COLLATE "C",
    key_id TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    automated BIGINT NOT NULL,
    decided_by TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    overturned_at BIGINT,
    overturned_case_id TEXT COLLATE "C",
    appeal_token_hash BYTEA NOT NULL UNIQUE,
    strike BIGINT NOT NULL,
    prompt_fingerprint BYTEA,
    entry_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX decision_subject ON decision (subject_id, made_at);
CREATE INDEX decision_produce ON decision (produce_id) WHERE produce_id IS NOT NULL;

CREATE TABLE prompt_pass (
    subject_id TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    decision_id TEXT COLLATE "C" NOT NULL REFERENCES decision (decision_id) DEFERRABLE INITIALLY DEFERRED,
    granted_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (subject_id, fingerprint, decision_id)
);
CREATE INDEX prompt_pass_unused ON prompt_pass (granted_at) WHERE used_at IS NULL;

CREATE TABLE penalty (
    penalty_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    decision_id TEXT COLLATE "C" NOT NULL REFERENCES decision (decision_id) DEFERRABLE INITIALLY DEFERRED,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT,
    lifted_at BIGINT,
    lifted_case_id TEXT COLLATE "C"
);
CREATE INDEX penalty_subject ON penalty (subject_id);
CREATE INDEX penalty_standing ON penalty (penalty_id) WHERE lifted_at IS NULL;

CREATE TABLE case_record (
    case_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    tenant_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    decision_id TEXT COLLATE "C" REFERENCES decision (decision_id) DEFERRABLE INITIALLY DEFERRED,
    produce_id TEXT COLLATE "C",
    subject_id TEXT COLLATE "C",
    opened_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    due_provisional BIGINT NOT NULL,
    limit_id TEXT COLLATE "C" NOT NULL,
    code_hash BYTEA NOT NULL,
    locale TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    reviewer_id TEXT COLLATE "C",
    outcome TEXT COLLATE "C",
    reasons_sealed BYTEA,
    decided_at BIGINT,
    decided_by TEXT COLLATE "C",
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX case_record_due ON case_record (state, due_at);
CREATE INDEX case_record_decision ON case_record (decision_id) WHERE decision_id IS NOT NULL;

CREATE TABLE case_event (
    case_id TEXT COLLATE "C" NOT NULL REFERENCES case_record (case_id) DEFERRABLE INITIALLY DEFERRED,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_role TEXT COLLATE "C" NOT NULL,
    actor_id TEXT COLLATE "C",
    what TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, seq)
);

CREATE TABLE operator (
    operator_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    password_hash TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE invitation (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    role TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    operator_id TEXT COLLATE "C"
);

CREATE TABLE session (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    operator_id TEXT COLLATE "C",
    subject_id TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE task (
    task_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    dedup_key TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT,
    resolved_by TEXT COLLATE "C"
);
CREATE INDEX task_open ON task (created_at) WHERE resolved_at IS NULL;
