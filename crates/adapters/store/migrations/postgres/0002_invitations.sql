-- Who invited, and whether the invitation was called back.

ALTER TABLE invitation ADD COLUMN invited_by TEXT COLLATE "C";
ALTER TABLE invitation ADD COLUMN revoked_at BIGINT;
