"""From text to what it says about participants. Pure: no database, no network, no clock."""
