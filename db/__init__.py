"""State: tables, engine, transactions, queries. MySQL and MariaDB by asyncmy, SQLite by aiosqlite."""
