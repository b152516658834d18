"""The people that lists have named: taken in, handed out, shown, erased; and what allowed a message to them."""
