"""`/_control`: what checks and the page ask and do. All JSON."""
