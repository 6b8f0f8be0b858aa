#!/bin/bash
# Bootstraps the roles of an empty cluster before the first migration: for each service an owner (migrations) and an
# application role (data rights only; neither owner nor BYPASSRLS). Passwords come from /run/secrets/<role>_password.
set -euo pipefail
for service in registry diagnostics programs monitoring; do
  for kind in owner app; do
    role=${service}_${kind}
    password=$(<"/run/secrets/${role}_password")
    psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
      -v role="$role" -v password="$password" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD %L', :'role', :'password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SQL
  done
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -c "GRANT CREATE ON DATABASE \"$POSTGRES_DB\" TO ${service}_owner"
done
