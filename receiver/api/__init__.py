"""The REST API below ``/api/v1``: one table of operations, from which the routes and the OpenAPI document are made.

A resource has a module with its operations, and its shapes in ``models``. A handler runs in one transaction of the
caller's tenant, calls the same use cases as Slack does, and answers a model.
"""
