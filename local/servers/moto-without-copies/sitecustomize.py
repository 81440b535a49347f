"""Loaded by Python before moto: moto copies every object's bytes, 300 MB a time, whenever versions are listed.

A copy without the bytes gives the same listing. Whatever fails here leaves moto as it is, only slower.
"""

try:
    from moto.s3.models import FakeKey

    def _copy_without_bytes(self, memo):
        self.etag  # Computed once, from the bytes, and part of the copy.
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__, _value_buffer=None, multipart=None, disposed=True)
        memo[id(self)] = copied
        return copied

    FakeKey.__deepcopy__ = _copy_without_bytes
except Exception:
    pass
