//! The only SQL: tables derived from the codebook, versions, history, audit chain, files; SQLite and PostgreSQL.
