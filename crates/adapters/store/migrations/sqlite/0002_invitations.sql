-- Who invited, and whether the invitation was called back.

ALTER TABLE invitation ADD COLUMN invited_by TEXT;
ALTER TABLE invitation ADD COLUMN revoked_at INTEGER;
