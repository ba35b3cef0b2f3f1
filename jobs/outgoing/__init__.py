"""What Bongsu calls outside of Slack: guarded calls over HTTP, and the pages that go out by them."""
