"""Builds the dashboards: ``python -m dashboards.build`` writes each as JSON beside this package.

A dashboard is a list of rows; a row is a list of :class:`~dashboards.build.panels.Panel`, each of which says what it
shows, by which definition, from which query, in which unit and how. :mod:`dashboards.build.assembling` makes Grafana's
models of that, with Grafana's own SDK (https://github.com/grafana/grafana-foundation-sdk).
"""
