/** What the demo sells: an electronics shop. */

/** Name and list price in cents; best sellers first. */
export const CATALOGUE: readonly (readonly [string, number])[] = [
  ["USB-C Charger 65 W", 3_499],
  ["Wireless Earbuds", 7_995],
  ["Smartphone 6.1″", 79_900],
  ["HDMI Cable 2 m", 1_299],
  ["Laptop 14″", 129_900],
  ["Wireless Mouse", 2_990],
  ["Smartwatch", 24_900],
  ["Tablet 11″", 59_900],
  ["Mechanical Keyboard", 10_950],
  ["Noise-Cancelling Headphones", 29_900],
  ["Portable SSD 1 TB", 9_490],
  ["4K Monitor 27″", 37_900],
  ["Power Bank 20 000 mAh", 4_490],
  ["Bluetooth Speaker", 5_990],
  ["Game Controller", 6_499],
  ["Webcam 1080p", 6_990],
  ["Wi-Fi 7 Router", 18_990],
  ["OLED TV 55″", 119_900],
  ["USB-C Dock", 15_900],
  ["E-Reader", 13_999],
  ["Action Camera", 32_900],
  ["Game Console", 49_900],
  ["Robot Vacuum", 39_900],
  ["Drone 4K", 74_900],
];
