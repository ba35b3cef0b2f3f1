"""The figures by day, which a job keeps, and what is answered from them. docs/explanation/figures.md."""
