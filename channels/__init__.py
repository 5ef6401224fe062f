"""The outside world: WeChat, the residents' page, the desk, the studio, the command line."""
