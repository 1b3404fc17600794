-- Optional. Tells the scheduler of each change of the table when it commits, so that the change takes effect within about a second
-- rather than within track_changes_period. Polling goes on as before: nothing is lost without it.
--
--   psql -d DATABASE -f action_changed.sql
--
-- For another schema or table change the name in the last statement. Needs PostgreSQL 11 or later and the right to create triggers
-- on the table; the scheduler itself still needs SELECT only. One notification a transaction, however many rows it writes.

CREATE OR REPLACE FUNCTION action_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY action_changed;
  RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS action_changed ON action;
CREATE TRIGGER action_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON action
  FOR EACH STATEMENT EXECUTE FUNCTION action_changed();
