"""Processes are killed again and again while alerts, clicks and commands arrive. What was lost, or there twice?"""
