-- Each index is a page more to write for each answer. Nothing asks for the generations of a person yet. The entries of a
-- generation's beginning and end are found through the generation, which names them; the index keeps the other events.

DROP INDEX generation_subject;
DROP INDEX ledger_entry_produce;
CREATE INDEX ledger_entry_produce ON ledger_entry (produce_id)
    WHERE produce_id IS NOT NULL AND event NOT IN ('generation.begun', 'generation.ended');
