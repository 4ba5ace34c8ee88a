"""What a C-SKY V2 (CK804) instruction is: encoding, syntax and meaning. Imports nothing of ours."""
