"""Every database that SQLAlchemy reaches: MySQL, MariaDB, SQL Server, Oracle, and others."""
