"""Labels of forms and of half-labelled text, and the values behind them."""
