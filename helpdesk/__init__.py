"""From a participant's message to an approved reply that carries their KPJ."""
