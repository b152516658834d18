"""What other systems are told when a campaign changes its state: subscriptions, and signed notices to them."""
