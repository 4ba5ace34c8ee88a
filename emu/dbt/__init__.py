"""The translator: C-SKY to AArch64, and the engine that runs it in Unicorn."""
