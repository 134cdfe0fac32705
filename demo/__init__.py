"""An ordinary Django project that serves permabots: the demo, and what anyone tries the product with by hand."""

from demo.celery import app as celery_app

__all__ = ["celery_app"]
