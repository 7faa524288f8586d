"""The work of locations: their queues, and each work step by step, made for a phone."""

from unisono.console.area import Pages
from unisono.console.fulfillment import actions, queues, works

pages = Pages(name="fulfillment", routes=(*queues.routes, *works.routes, *actions.routes))
