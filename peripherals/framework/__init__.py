"""The small framework under the models: registers that read like the datasheet, and time."""
