"""stub"""


def order_detail(d, **k):
    pass
