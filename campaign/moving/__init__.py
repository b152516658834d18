"""Moving messages that were dropped or not sent yet to another template: nobody is written to twice."""
