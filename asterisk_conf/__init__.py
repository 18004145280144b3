"""How is Asterisk told what to do?  Templates, the values they need, and the way it is started."""
