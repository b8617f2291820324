-- The table of the runbook. An administrator of the database runs this once:
--
--   psql "host=… dbname=site user=…" -v role=visitor -f site.sql

CREATE TABLE machines (
  name text PRIMARY KEY,
  datacentre text NOT NULL
);

GRANT SELECT, INSERT, DELETE ON machines TO :"role";
