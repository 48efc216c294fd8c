"""deploy/demo, every scene, with its thresholds: a drain loses no request of ten thousand, a dead site is left in time."""
import json
import os
import subprocess
import unittest

from lab import BIN, ROOT
from namespaces import main


class Demonstration(unittest.TestCase):
    def test_every_scene_goes_as_it_should(self):
        command = [os.path.join(ROOT, "deploy", "demo", "demo"), "--programs", BIN, "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=280)
        told = json.loads(done.stdout)
        for scene in told["scenes"]:
            print("%-10s %6d requests, %.2f %% success" % (scene["scene"], scene["requests"], 100 * scene["success"]))
            self.assertEqual(scene["wrong"], [], scene["scene"])
        self.assertEqual(done.returncode, 0, done.stderr)
        scenes = {scene["scene"]: scene for scene in told["scenes"]}
        self.assertEqual(len(scenes), 8)
        self.assertEqual(scenes["drain"]["failed"], 0)
        self.assertGreaterEqual(scenes["drain"]["requests"], 10000)


if __name__ == "__main__":
    main()
