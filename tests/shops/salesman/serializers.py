from __future__ import annotations

from rest_framework import serializers

from tests.shops.salesman.models import Cover, Phone


class PhoneSerializer(serializers.ModelSerializer):
    class Meta:
        model = Phone
        fields = ("name", "code")


class CoverSerializer(serializers.ModelSerializer):
    class Meta:
        model = Cover
        fields = ("name", "code")
