"""One module per report format. Each declares itself as `FORMAT`; `validator.reports.registry` finds it by its name."""
