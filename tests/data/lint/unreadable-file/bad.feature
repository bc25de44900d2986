# expected 1:1
@req:BR-001 @cap:format=any
Feature: Café
