"""The registers of the radio, without a radio: nothing is ever received. Facts and guesses: docs/radio.md."""
