"""State: tables, engine, transactions, queries. MySQL 8 and MariaDB by asyncmy, SQLite by aiosqlite."""
