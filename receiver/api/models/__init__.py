"""What the API reads and answers, one module per resource. Times are aware and UTC, in RFC 3339."""
