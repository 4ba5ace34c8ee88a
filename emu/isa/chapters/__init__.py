"""The instructions, one file for each chapter of the ISA manual."""
