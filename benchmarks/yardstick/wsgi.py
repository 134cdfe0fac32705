"""The WSGI application of the yardstick."""

from django.core.wsgi import get_wsgi_application

from benchmarks.yardstick.celery import app

app.set_default()
application = get_wsgi_application()
