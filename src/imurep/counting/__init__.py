"""The pure core: packets of one session become reps and sets. ``pipeline`` shows the flow.

The rooms import one way: ``timing`` and ``motion`` know no other, ``assessment`` knows motion,
``segmentation`` asks both while a set grows, and ``ordering`` which of its reps were published.
"""
