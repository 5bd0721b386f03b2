-- Who may be given things without a visible label, and on what agreement (Labelling Measures, article 9).

CREATE TABLE label_grant (
    grant_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C",
    subject_id TEXT COLLATE "C",
    scope TEXT COLLATE "C" NOT NULL,
    clause TEXT NOT NULL,
    agreement TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    granted_by TEXT COLLATE "C" NOT NULL,
    granted_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    withdrawn_by TEXT COLLATE "C",
    CHECK (key_id IS NOT NULL OR subject_id IS NOT NULL)
);
