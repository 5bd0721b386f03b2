-- Who may be given things without a visible label, and on what agreement (Labelling Measures, article 9).

CREATE TABLE label_grant (
    grant_id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    key_id TEXT,
    subject_id TEXT,
    scope TEXT NOT NULL,
    clause TEXT NOT NULL,
    agreement TEXT NOT NULL,
    sealed BLOB NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    withdrawn_by TEXT,
    CHECK (key_id IS NOT NULL OR subject_id IS NOT NULL)
) STRICT;
