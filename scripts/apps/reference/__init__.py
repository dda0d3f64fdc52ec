"""The examples of the documented contract, in its order, one a script that ``faxhw run`` takes."""
